"""An import contract that names what a package may import of this project; everything else is refused.

Written for packages whose worth is what they do not know: the auditor, the simulator, the embedded stack.
"""

from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

_OURS = ("schemas", "sql", "streams")


class AllowListContract(Contract):
    """`source_modules` and what lies in them import nothing of ours but themselves and `allowed_modules`."""

    source_modules: Any = fields.SetField(subfield=fields.ModuleField())
    allowed_modules: Any = fields.SetField(subfield=fields.ModuleField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Every direct import that the list does not allow, in order."""
        sources = sorted(module.name for module in self.source_modules)
        allowed = [*sources, *(module.name for module in self.allowed_modules)]
        refused = sorted(
            f"{importer} imports {imported}"
            for source in sources
            for importer in {source} | graph.find_descendants(source)
            for imported in graph.find_modules_directly_imported_by(importer)
            if imported.partition(".")[0] in _OURS and not _is_within(imported, allowed)
        )
        output.verbose_print(verbose, f"{len(sources)} packages looked at")
        return ContractCheck(kept=not refused, metadata={"refused": refused})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """A line an import."""
        for line in check.metadata["refused"]:
            output.print_error(line)


def _is_within(module: str, packages: list[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
