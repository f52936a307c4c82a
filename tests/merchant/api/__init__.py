"""The API: state, access, streams, and all of it over HTTP."""
