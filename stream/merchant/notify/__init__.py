"""How do alerts reach those whom they concern: once, in time, in their words, and never the wrong ones?

``subscriptions`` and ``reading`` say who wants what.  ``desk`` decides, without clock or network, what is to be told to whom and when;
``webhook`` and ``chat`` tell it; the host (`stream.cli.notify`) keeps the desk's state in Kafka.
"""
