"""Immutable documents under the hash of their content."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from schemas.facts import fact_id_of
from schemas.ids import FactId
from schemas.ranking import Ranking
from workflows.runtime.ports import FactStore

Stores = Callable[[], FactStore]
Rank = Callable[..., Ranking]


def test_a_document_is_kept_under_the_hash_of_its_content(facts: Stores, ranking: Rank) -> None:
    document = ranking(3)

    fact_id = facts().put(document)

    assert fact_id == fact_id_of(document)
    assert facts().get([fact_id]) == {fact_id: document.model_dump(mode="json")}


def test_keeping_a_document_again_changes_nothing(facts: Stores, ranking: Rank) -> None:
    store, document = facts(), ranking(3)

    first, second = store.put(document), store.put(document)

    assert first == second
    assert facts().get([first]) == {first: document.model_dump(mode="json")}


def test_a_document_of_three_megabytes_reads_back_whole(facts: Stores, ranking: Rank) -> None:
    document = ranking(50_000)
    assert len(document.model_dump_json()) > 3_000_000

    fact_id = facts().put(document)
    facts().put(document)

    content = facts().get([fact_id])[fact_id]
    assert Ranking.model_validate(content) == document


def test_a_large_document_may_be_cut_within_a_letter(facts: Stores, ranking: Rank) -> None:
    # Korean letters take three bytes, so two of three cuts fall into one, wherever the cuts are.
    documents = [ranking(1, rule="." * shift + "가" * 900_000) for shift in range(3)]

    fact_ids = [facts().put(document) for document in documents]

    found = facts().get(fact_ids)
    assert [Ranking.model_validate(found[fact_id]) for fact_id in fact_ids] == documents


def test_only_the_documents_that_exist_are_given(facts: Stores, ranking: Rank) -> None:
    small, large = ranking(1), ranking(2)
    ids = [facts().put(small), facts().put(large)]

    found = facts().get([ids[0], FactId("nobody"), ids[1], ids[0]])

    assert found == {ids[0]: small.model_dump(mode="json"), ids[1]: large.model_dump(mode="json")}
    assert facts().get([]) == {}


def test_a_document_that_was_asked_for_too_early_is_found_later(facts: Stores, ranking: Rank) -> None:
    store, document = facts(), ranking(3)
    early = store.get([fact_id_of(document)])

    fact_id = facts().put(document)

    assert early == {}
    assert list(store.get([fact_id])) == [fact_id]


def test_more_documents_than_fit_in_memory_are_all_given(facts: Stores, ranking: Rank) -> None:
    store = facts()
    ids = [store.put(ranking(size)) for size in range(1, 21)]

    first, second = store.get(ids), store.get(ids)

    assert list(map(len, (first, second))) == [20, 20]
    assert first == second


def test_eight_threads_may_read_and_write_at_once(facts: Stores, ranking: Rank) -> None:
    store = facts()
    documents = [ranking(size) for size in range(1, 17)]

    def put_and_get(document: Ranking) -> bool:
        fact_id = store.put(document)
        return store.get([fact_id]) == {fact_id: document.model_dump(mode="json")}

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(put_and_get, documents * 2))
