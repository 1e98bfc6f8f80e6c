"""Bazar on this machine."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from random import Random

import attrs

from sagicc_async.sandbox import Reply, Table, from_json, invent, to_json

LIFE = 3_600


@attrs.frozen(kw_only=True)
class BazarSandbox:
    """
    Bazar's emulator.

    Args:
        limit: Requests in any minute, logins included.
    """

    name = "bazar"
    base_path = "/v1"
    secret_names = frozenset({"key", "access"})
    rows_at = "rows"

    limit: int = 6_000

    @property
    def client_settings(self):
        return {"limit": self.limit}

    def tables(self):
        return [Table("things", ("id", "code")), Table("orders", ("id", "key"))]

    def issue(self, random):
        return {"shop": "acme", "key": invent.token(random, 32)}

    def populate(self, store, *, records, seed):
        random = Random(seed)
        for table in self.tables():
            store.fill(table.name, (made(table.name, number, random) for number in range(1, records + 1)))

    def add(self, company, resource, record):
        number = company.store.next_position(resource)
        kept = {**made(resource, number, Random(number)), **record}
        company.store.insert(resource, kept)
        return kept

    def token(self, call):
        scheme, _, token = call.headers.get("Authorization", "").partition(" ")
        return token if scheme == "Bearer" else None

    def answer(self, call, company):
        if not self._admitted(call, company):
            return attrs.evolve(refused(429, "slow", "Too many requests"), rejected=True)
        path = call.path.removeprefix("/v1/")
        if path == "login":
            return login(call, company)
        owner, ends = company.memory.setdefault("tokens", {}).get(self.token(call), (None, 0))
        if call.now >= ends or owner not in company.credentials:
            return refused(401, "token", "The token is not good")
        resource, _, identifier = path.partition("/")
        if resource not in company.store.tables:
            return refused(404, "missing", "There is no such thing")
        if call.method == "GET":
            return listing(call, company.store, resource)
        body = from_json(call.body)
        if call.method == "PUT":
            return change(company.store, resource, identifier, body)
        return create(call, company.store, resource, body)

    def refuse(self, call, reason):
        if reason == "revoked":
            return refused(401, "token", "The token is not good")
        return attrs.evolve(refused(409, "busy", "The token is in use"), rejected=True)

    def _admitted(self, call, company):
        times = company.memory.setdefault("window", deque())
        while times and times[0] <= call.now - 60:
            times.popleft()
        if len(times) >= self.limit:
            return False
        times.append(call.now)
        return True


def made(resource, number, random):
    if resource == "orders":
        return {"id": number, "text": f"order {number}", "key": None}
    price = Decimal(random.randint(100, 99_999)).scaleb(-2)
    return {"id": number, "code": f"T{number:04}", "price": price, "stock": random.randint(0, 9)}


def login(call, company):
    body = from_json(call.body)
    owner = next((one for one in company.credentials if one == body), None)
    if owner is None:
        return refused(401, "key", "Shop or key are not good")
    tokens = company.memory.setdefault("tokens", {})
    access = invent.token(Random(f"{owner['key']}/{len(tokens)}"), 40)
    tokens[access] = owner, call.now + LIFE
    return Reply(body=to_json({"access": access, "seconds": LIFE}), login=True)


def listing(call, store, resource):
    where = {"code": call.query["code"]} if "code" in call.query else {}
    page, size = max(1, int(call.query.get("page", 1))), int(call.query.get("size", 50))
    rows = store.page(resource, limit=size, offset=(page - 1) * size, where=where)
    return Reply(body=b'{"total":%d,"rows":[%b]}' % (store.count(resource, where), b",".join(rows)))


def create(call, store, resource, body):
    key = call.headers.get("Idempotency-Key")
    known = store.find(resource, "key", key) if key else None
    if known is not None:
        return Reply(body=to_json(known.record))
    if body.get("code") and store.find(resource, "code", body["code"]):
        return refused(409, "taken", "There is a thing with this code", "code")
    number = store.next_position(resource)
    kept = {**made(resource, number, Random(number)), **body, **({"key": key} if key else {})}
    store.insert(resource, kept)
    return Reply(status=201, body=to_json(kept))


def change(store, resource, identifier, body):
    found = store.find(resource, "id", identifier)
    if found is None:
        return refused(404, "missing", "There is no such thing")
    store.replace(resource, found.position, {**found.record, **body})
    return Reply(body=to_json({**found.record, **body}))


def refused(status, code, message, field=""):
    return Reply(status=status, body=to_json({"error": {"code": code, "message": message, "field": field}}))
