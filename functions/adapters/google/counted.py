"""Firestore's client with every call counted: calls, and documents read, written and deleted."""

from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.cloud import firestore
from google.cloud.firestore_v1.services.firestore import client as firestore_client
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

from functions.observe.call import count, step


def counted_client(project: str, database: str = "") -> firestore.Client:
    """Give a client whose channel is open already: the library opens it on first use, and without a lock."""
    store = firestore.Client(project=project, database=database or None)
    store._firestore_api_helper(CountedTransport, firestore_client.FirestoreClient, firestore_client)  # noqa: SLF001
    return store


class Counting(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Counts each call as it is made, by what Firestore bills.

    A query that finds nothing is billed as one read, and so is a document that is not there.
    """

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        """Count what is written and deleted."""
        raw = type(request).pb(request)
        writes = getattr(raw, "writes", ())
        deletes = sum(write.WhichOneof("operation") == "delete" for write in writes)
        count(rpcs=1, writes=len(writes) - deletes, deletes=deletes)
        with step(_name(details)):
            return continuation(details, request)

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        """Count what is read: at once where it is named, else as it comes."""
        name = _name(details)
        count(rpcs=1)
        with step(name):
            answers = continuation(details, request)
        if name == "BatchGetDocuments":
            count(reads=len(type(request).pb(request).documents))
            return answers
        return _CountedStream(answers)


class _CountedStream:
    """The answers of a query, each document counted."""

    def __init__(self, answers: Any) -> None:
        self._answers = answers
        self._reads = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            answer = next(self._answers)
        except StopIteration:
            count(reads=not self._reads)
            raise
        is_document = bool(getattr(type(answer).pb(answer), "document", None) and answer.document.name)
        self._reads += is_document
        count(reads=is_document)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answers, name)


class CountedTransport(FirestoreGrpcTransport):
    """The library's transport on a channel that counts."""

    def __init__(self, *, channel: grpc.Channel, **options: Any) -> None:
        super().__init__(channel=grpc.intercept_channel(channel, Counting()), **options)


def _name(details: Any) -> str:
    return str(details.method.rpartition("/")[2])
