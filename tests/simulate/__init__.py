"""Phones, two servers and a bad network, and a count of what came of it: `make simulate`.

The phones are the app's own TypeScript (`pwa/simulate`), bundled and run in Node. This side makes the company,
runs the servers, kills them, puts a backup back, moves people, and says in the end what the database holds.
"""
