"""What a month costs while nothing happens, and what each thousand learners add."""

from functions.cost.prices import PriceList
from functions.cost.usage import Measured
from workflows.runtime.patrol import BEATS
from workflows.runtime.patrol import SWEEP_SECONDS as SWEEP_EVERY_SECONDS

HOURS, SECONDS = 730, 730 * 3600
SWEEPS = 12 * HOURS
SWEEP_SECONDS = 0.2
LINE_BYTES = 500
JOBS, SECRETS = 1, 7
UPTIME_CHECKS = 4 * 6 * SECONDS / 900
"""Four functions are asked every 15 minutes whether they are ready, from each of six places."""

BUNDLES_GIB, IMAGES_GIB = 0.1, 3.0
BACKUPS = 7 + 5
"""Copies of the data at a time: a week of daily backups, and five weekly ones, as infra/terraform keeps them."""

PROOFS = SECONDS / (len(BEATS) * SWEEP_EVERY_SECONDS)
"""How often `sweep` proves each history in a month: it reads every entry of it."""

KIB_A_TRANSITION = 4.0
"""A history's entry with its indexes; the case and its questions are written over."""

GIB = 1024 * 1024


def idle(prices: PriceList, *, warm: int) -> dict[str, float]:
    """Give the dollars of a month in which nobody does anything.

    Args:
        prices: The list.
        warm: Instances that are kept; none by default, and then the first call after a while waits for a cold start.
    """
    vcpu, gib = prices.assumptions["instance_vcpu"], prices.assumptions["instance_gib"]
    kept = prices.of("run_cpu_idle", warm * SECONDS * vcpu) + prices.of("run_memory", warm * SECONDS * gib)
    return {
        "warm instances": kept,
        "sweep": _answers(prices, SWEEPS, seconds=SWEEP_SECONDS, reads=8),
        "logs of sweep": _lines(prices, SWEEPS * 2),
        "uptime checks": prices.of("uptime_check", UPTIME_CHECKS),
        "answers to them": _answers(prices, UPTIME_CHECKS, seconds=prices.assumptions["request_ms_min"] / 1000, reads=1)
        + _lines(prices, UPTIME_CHECKS),
        "scheduler": prices.of("scheduler_job", JOBS),
        "secrets": prices.of("secret_version", SECRETS),
        "bundles and images": prices.of("storage", BUNDLES_GIB) + prices.of("registry_storage", IMAGES_GIB),
    }


def _answers(prices: PriceList, calls: float, *, seconds: float, reads: int) -> float:
    """Give what calls cost that are each alone in an instance."""
    vcpu, gib = prices.assumptions["instance_vcpu"], prices.assumptions["instance_gib"]
    instances = prices.of("run_cpu", calls * seconds * vcpu) + prices.of("run_memory", calls * seconds * gib)
    return instances + prices.of("run_request", calls) + prices.of("firestore_read", calls * reads)


def _lines(prices: PriceList, many: float) -> float:
    return prices.of("log_volume", many * (LINE_BYTES + prices.assumptions["log_bytes_around"]))


def per_thousand(measured: Measured, prices: PriceList, spent: float) -> dict[str, float]:
    """Give the dollars that a thousand more learners cost.

    Args:
        measured: A cohort.
        prices: The list.
        spent: What that cohort cost while it ran.
    """
    kept = 1000 / measured.learners * measured.transitions * KIB_A_TRANSITION / GIB
    proved = 1000 / measured.learners * measured.transitions * PROOFS
    stored = prices.of("firestore_storage", kept) + prices.of("firestore_pitr", kept)
    return {
        "while they are carried": spent * 1000 / measured.learners,
        "each month after that, stored": stored,
        "each month after that, proved": prices.of("firestore_read", proved),
        "each month after that, backed up": prices.of("firestore_backup", kept * BACKUPS),
    }
