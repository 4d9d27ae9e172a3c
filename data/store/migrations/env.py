"""Run by Alembic: applies the revisions on the connection it is handed, inside its transaction."""

from alembic import context

from data.store.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
