"""Is what comes out at the end what SEMANTICS says of what went in?"""
