"""What a policy says of claims, as the rules take it."""

from schemas.policies import Policy
from streams.rules.claims import ClaimTerms


def terms_of(policy: Policy) -> ClaimTerms:
    """M3, K2: the cap, and how long an incident can be claimed."""
    terms = policy.commitments.credits
    return ClaimTerms(cap_percent=terms.cap_percent, claim_days=terms.claim_days, zone=policy.zone)
