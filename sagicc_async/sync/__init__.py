"""
Sync: the resources of many accounts of several vendors, mirrored into one sink, incrementally and restartably.

    from sagicc_async import sync

    report = await sync.run(sync.AccountsFile("accounts.toml"), sync.DatabaseSink("sqlite:///mirror.db"))

Each resource of each account moves on by itself: its rows and the place up to which they lead are committed together, so
it can be stopped at any moment, and goes on from there; a tenant that fails stops nobody else.
"""
