"""Faults of a real browser's database, called up in the page: no room, a transaction broken off, a connection lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

# quota: there is no room · abort: the transaction is broken off · lost: the browser closes the connection, as it does
# when its files fail. · gone: it is closed and none can be made, as long as the fault lasts.
KINDS = ("quota", "abort", "lost")
GONE = "gone"

SCRIPT = """(() => {
  const fault = (window.fault = { kind: '', stores: [], only: '', hits: 0 })
  const meant = (store, value) =>
    fault.kind && fault.stores.includes(store) && (!fault.only || JSON.stringify(value).includes(fault.only))
  const { transaction } = IDBDatabase.prototype
  const { open } = IDBFactory.prototype
  const gone = (name) => fault.kind === 'gone' && name !== 'mingcha'
  IDBDatabase.prototype.transaction = function (...given) {
    if (gone(this.name)) {
      this.close()
      queueMicrotask(() => this.dispatchEvent(new Event('close')))
    }
    return transaction.apply(this, given)
  }
  IDBFactory.prototype.open = function (name, ...given) {
    if (!gone(name)) return open.call(this, name, ...given)
    fault.hits += 1
    throw new DOMException('Internal error opening backing store for indexedDB.open.', 'UnknownError')
  }
  const broken = (transaction) => {
    try {
      transaction.abort()
    } catch {
      // it is over already
    }
  }
  const write = (owner, name, storeOf) => {
    const was = owner[name]
    owner[name] = function (...given) {
      const store = storeOf(this)
      if (!meant(store.name, given[0])) return was.apply(this, given)
      fault.hits += 1
      if (fault.kind === 'quota') throw new DOMException('no room', 'QuotaExceededError')
      const request = was.apply(this, given)
      const { transaction } = store
      if (fault.kind === 'abort') request.addEventListener('success', () => broken(transaction))
      if (fault.kind === 'lost') {
        transaction.db.close()
        queueMicrotask(() => {
          broken(transaction)
          transaction.db.dispatchEvent(new Event('close'))
        })
      }
      return request
    }
  }
  for (const name of ['put', 'add']) write(IDBObjectStore.prototype, name, (store) => store)
  write(IDBCursor.prototype, 'update', ({ source }) => source.objectStore ?? source)
})()"""


@contextmanager
def fault(page: Page, kind: str, *stores: str, only: str = "") -> Iterator[None]:
    """While it lasts, what is written into these stores (and holds the text `only`) fails; it must have been hit.

    `gone` needs no store.
    """
    page.evaluate(
        "([kind, stores, only]) => Object.assign(window.fault, { kind, stores, only, hits: 0 })",
        [kind, stores, only],
    )
    try:
        yield
        assert page.evaluate("window.fault.hits") > 0, f"nothing was written into {stores}"
    finally:
        page.evaluate("window.fault.kind = ''")
