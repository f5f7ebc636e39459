-- The same as `count_requests.sql` of probes, by their vantages (V2).
SELECT
    service,
    minute,
    sum(p.records) AS records,
    sum(p.ok) AS probes_ok,
    sum(p.failed) AS probes_failed,
    countIf(p.ok > 0) AS vantages_ok,
    countIf(p.ok = 0) AS vantages_failed,
    sum(p.corrected) AS probes_corrected,
    sum(p.conflicts) AS conflicts,
    sum(p.unnamed) AS unnamed,
    CAST(sumMap(p.mended.1, p.mended.2), 'Map(String, UInt32)') AS mended
FROM
(
    SELECT
        service,
        minute,
        vantage,
        sum(e.records) AS records,
        sum(e.ok) AS ok,
        sum(NOT e.ok) AS failed,
        sum(e.corrected) AS corrected,
        sum(conflict) AS conflicts,
        sumIf(e.records, e.unnamed) AS unnamed,
        sumMap(e.mended, arrayMap(field -> toUInt32(1), e.mended)) AS mended
    FROM effective_probes_as_of(as_of = {as_of:Int64}) AS e
    WHERE (service, minute) IN touched
    GROUP BY service, minute, vantage
) AS p
GROUP BY service, minute
