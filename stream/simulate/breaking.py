"""What does a record look like that is no event?"""

from random import Random


def broken(value: bytes, dice: Random) -> bytes:
    """What cannot be read any more of the bytes of an event; one line of a recording all the same."""
    way = dice.randrange(5)
    if way == 0:  # the connection broke
        return value[: dice.randrange(1, len(value))]
    if way == 1:  # not UTF-8
        return b"\xff" + value
    if way == 2:  # a producer ahead of the contract
        return value.replace(b'"type":"', b'"type":"new_', 1)
    if way == 3:  # a field is missing
        return value.replace(b'"occurred_at":', b'"happened_at":', 1)
    return value.replace(b'+08:00"', b'"', 1)  # no offset from UTC
