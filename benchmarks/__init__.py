"""
What the SDK costs, measured side by side with hand-written code and with peers, in one run.

    nox -s bench                        # everything; benchmarks/results.md, results.json and plots/ are written
    nox -s bench -- --quick             # a look
    nox -s guard                        # did a change make records dearer? (`guard.py`, `instructions.py`, `baseline.json`)

Nothing here is an absolute time: machines differ, and one machine differs from itself an hour later. Each figure is the
ratio of two things that took turns in short slices of one run, as the median of all pairs with the 95 % interval of that
median (`compare.py`). A goal is missed only if the whole interval misses it.

A file a question, each with what it compares in its first lines:

    records.py      processor time a record, typed and raw; `sagicc_model.py` and `siigo_invoices.py` are two real vendors
    peers/          dlt, singer-sdk, airbyte-cdk, ccxt, httpx + pydantic on the same pages
    look_ahead.py   does the next page travel while this one is worked on?
    tenants.py      1 to 10,000 accounts on one loop
    admission.py    what the permission to send costs
    memory.py       a million records in constant memory
    requests.py     requests a vendor for the same records
    growth.py       where the curves bend
    imports.py      what importing costs
    interactive.py  a person beside an export
    sync/           a thousand accounts into a database, beside a loop by hand

`report.py` is what a figure is, `plots.py` draws it, `server.py` answers from memory, `wide.py` has the record that all
libraries declare. `token_storm.py` and `chaos/` are programs of their own.
"""
