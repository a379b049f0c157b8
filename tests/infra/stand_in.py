"""A stand-in for Terraform's providers, so that the real `terraform` validates and applies without any network.

It has the arguments, blocks and types of the real providers (tests/infra/schemas), so Terraform itself refuses what
those would refuse for its form.  It creates nothing: what a provider would find out is filled in as Google would name
it.  What the real providers check beyond the form (whether a value is one that Google takes) it does not know.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import msgpack

pb, services = grpc.protos_and_services("tests/infra/plugin.proto")

SCHEMAS = Path(__file__).parent / "schemas"
NESTING = {"single": 1, "list": 2, "set": 3}
UNKNOWN = msgpack.ExtType(0, b"")
NUMBER = "123456789012"

ACCOUNT = "{account_id}@{project}.iam.gserviceaccount.com"
MADE = {
    "google_artifact_registry_repository.id": "projects/{project}/locations/{location}/repositories/{repository_id}",
    "google_cloud_tasks_queue.id": "projects/{project}/locations/{location}/queues/{name}",
    "google_firestore_database.id": "projects/{project}/databases/{name}",
    "google_iam_workload_identity_pool.name": (
        f"projects/{NUMBER}/locations/global/workloadIdentityPools/{{workload_identity_pool_id}}"
    ),
    "google_iam_workload_identity_pool_provider.name": (
        f"projects/{NUMBER}/locations/global/workloadIdentityPools/{{workload_identity_pool_id}}"
        "/providers/{workload_identity_pool_provider_id}"
    ),
    "google_logging_project_bucket_config.id": "projects/{project}/locations/{location}/buckets/{bucket_id}",
    "google_project.number": NUMBER,
    "google_project_iam_custom_role.id": "projects/{project}/roles/{role_id}",
    "google_pubsub_subscription.id": "projects/{project}/subscriptions/{name}",
    "google_pubsub_topic.id": "projects/{project}/topics/{name}",
    "google_secret_manager_secret.id": "projects/{project}/secrets/{secret_id}",
    "google_service_account.email": ACCOUNT,
    "google_service_account.id": f"projects/{{project}}/serviceAccounts/{ACCOUNT}",
    "google_service_account.member": f"serviceAccount:{ACCOUNT}",
    "google_service_account.name": f"projects/{{project}}/serviceAccounts/{ACCOUNT}",
    "random_password.result": "0123456789abcdef" * 4,
}
"""What the real providers name things; everything else they find out gets a name that only says what it is."""


class StandIn:
    """One provider, as Terraform calls it."""

    def __init__(self, name: str) -> None:
        self.known = json.loads((SCHEMAS / f"{name}.json").read_text())

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        del request, context
        return pb.Schemas(
            provider=_schema(self.known["provider"]),
            resource_schemas=_schemas(self.known["resource"]),
            data_source_schemas=_schemas(self.known.get("data", {})),
            ephemeral_resource_schemas=_schemas(self.known.get("ephemeral", {})),
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        del request, context
        return pb.Nothing()

    ConfigureProvider = CloseEphemeralResource = StopProvider = ValidateProviderConfig

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        del request, context
        return pb.Faults()

    ValidateDataResourceConfig = ValidateEphemeralResourceConfig = ValidateResourceConfig

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        del context
        return pb.State(state=_packed(json.loads(request.raw_state.json)))

    def ReadResource(self, request: Any, context: Any) -> Any:
        del context
        return pb.State(state=request.state)

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        del context
        proposed = _unpacked(request.proposed)
        planned = proposed and _filled(
            self.known["resource"][request.type_name], proposed, lambda _name, _type: UNKNOWN
        )
        return pb.Planned(planned=_packed(planned), legacy_type_system=True)

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        del context
        planned = _unpacked(request.planned)
        made = planned and _made(request.type_name, self.known["resource"][request.type_name], planned)
        return pb.Applied(state=_packed(made), legacy_type_system=True)

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        del context
        schema = self.known["data"][request.type_name]
        return pb.State(state=_packed(_made(request.type_name, schema, _unpacked(request.config))))

    def OpenEphemeralResource(self, request: Any, context: Any) -> Any:
        del context
        schema = self.known["ephemeral"][request.type_name]
        return pb.Opened(result=_packed(_made(request.type_name, schema, _unpacked(request.config))))


def _schemas(known: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _schema(each) for name, each in known.items()}


def _schema(known: Mapping[str, Any]) -> Any:
    return pb.Schema(block=_block(known))


def _block(known: Mapping[str, Any]) -> Any:
    attributes = [
        pb.Attribute(
            name=name,
            type=json.dumps(each["type"]).encode(),
            required=each["is"] == "required",
            optional=each["is"] == "optional",
            computed=_is_found_out(name, each),
            write_only=_is_write_only(name),
        )
        for name, each in known["attributes"].items()
    ]
    blocks = [
        pb.NestedBlock(
            type_name=name,
            block=_block(each),
            nesting=NESTING[each["nesting"]],
            min_items=each["min"] if each["nesting"] != "single" else 0,
            max_items=each["max"] if each["nesting"] != "single" else 0,
        )
        for name, each in known["blocks"].items()
    ]
    return pb.Block(attributes=attributes, block_types=blocks)


def _is_found_out(name: str, attribute: Mapping[str, Any]) -> bool:
    """Whether the provider says what it is; the package calls `id` an argument, as it can be given for an import."""
    return bool(attribute["is"] == "computed" or (name == "id" and attribute["is"] == "optional"))


def _is_open(value: Any) -> bool:
    return value is None or isinstance(value, msgpack.ExtType)


def _is_write_only(name: str) -> bool:
    return name.endswith("_wo")


def _filled(known: Mapping[str, Any], value: dict[str, Any], found_out: Any) -> dict[str, Any]:
    """Give the value with `found_out` for whatever only the provider knows."""
    filled = dict(value)
    for name, each in known["attributes"].items():
        if _is_write_only(name):
            filled[name] = None
        elif _is_open(filled.get(name)) and _is_found_out(name, each):
            filled[name] = found_out(name, each["type"])
    for name, each in known["blocks"].items():
        inner = filled.get(name)
        if isinstance(inner, list):
            filled[name] = [_filled(each, one, found_out) for one in inner]
        elif isinstance(inner, dict):
            filled[name] = _filled(each, inner, found_out)
    return filled


def _made(kind: str, known: Mapping[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    texts = {name: each for name, each in value.items() if isinstance(each, str)}

    def found_out(name: str, form: Any) -> Any:
        if form == "string":
            return MADE.get(f"{kind}.{name}", f"{kind}.{name}").format_map(texts)
        return {"number": 0, "bool": False}.get(form, {}) if isinstance(form, str) else {"map": {}}.get(form[0], [])

    return _filled(known, value, found_out)


def _packed(value: Any) -> Any:
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def _unpacked(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, strict_map_key=False)


@contextlib.contextmanager
def providers() -> Iterator[str]:
    """Run the stand-ins; gives what TF_REATTACH_PROVIDERS has to be for Terraform to use them."""
    with contextlib.ExitStack() as stack:
        yield json.dumps(
            {
                f"registry.terraform.io/hashicorp/{path.stem}": stack.enter_context(_serving(StandIn(path.stem)))
                for path in sorted(SCHEMAS.glob("*.json"))
            }
        )


@contextlib.contextmanager
def _serving(provider: StandIn) -> Iterator[dict[str, Any]]:
    # A plan of everything is one message.
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    server = grpc.server(ThreadPoolExecutor(4), options=options)
    services.add_ProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
        yield {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": 1, "Test": True, "Addr": address}
    finally:
        server.stop(grace=None)
