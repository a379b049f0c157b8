"""What use costs, item by item."""

from collections.abc import Mapping

from functions.cost.prices import PriceList
from functions.cost.usage import Measured, Usage

PUSHED = ("advance", "deliver", "bury", "collect")
DISPATCHED = ("ring", "attempt")
MILLION = 1_000_000


def bill(functions: Mapping[str, Usage], instance_seconds: float, prices: PriceList) -> dict[str, float]:
    """Give the dollars for each kind of thing that was used.

    Args:
        functions: What each function did.
        instance_seconds: How long instances were billed for.
        prices: The list.
    """
    total = Usage()
    for usage in functions.values():
        total.add(usage)
    vcpu, gib = prices.assumptions["instance_vcpu"], prices.assumptions["instance_gib"]
    dispatches = sum(usage.calls for name, usage in functions.items() if name in DISPATCHED)
    return {
        "Firestore reads": prices.of("firestore_read", total["reads"]),
        "Firestore writes": prices.of("firestore_write", total["writes"]),
        "Firestore deletes": prices.of("firestore_delete", total["deletes"]),
        "Pub/Sub": prices.of("pubsub_volume", _pubsub_bytes(functions, total, prices)),
        "Cloud Tasks": prices.of("tasks_operation", total["tasks"] + dispatches),
        "requests": prices.of("run_request", total.calls),
        "processor": prices.of("run_cpu", instance_seconds * vcpu),
        "memory": prices.of("run_memory", instance_seconds * gib),
        "logs": _logs(total, prices),
    }


def _pubsub_bytes(functions: Mapping[str, Usage], total: Usage, prices: PriceList) -> float:
    """Count what is published, and what is pushed, one message a request."""
    smallest = prices.assumptions["pubsub_bytes_min"]
    pushes = sum(usage.calls for name, usage in functions.items() if name in PUSHED)
    mean = total["published_bytes"] / total["published"] if total["published"] else 0
    return max(total["published_bytes"], smallest * total["publishes"]) + pushes * max(smallest, mean)


def _logs(total: Usage, prices: PriceList) -> float:
    volume = total.log_bytes + total.log_lines * prices.assumptions["log_bytes_around"]
    return prices.of("log_volume", volume) + prices.of("log_retention", volume * prices.assumptions["log_months"])


def at_load(measured: Measured, prices: PriceList) -> float:
    """Give the seconds that instances are billed for where requests share them."""
    return measured.cpu_seconds / prices.assumptions["busy_share"]


def one_by_one(measured: Measured, prices: PriceList) -> float:
    """Give the seconds that instances are billed for where each request is alone in one."""
    return measured.total().calls * prices.assumptions["request_ms_min"] / 1000
