"""Does the engine conclude what SEMANTICS says, room by room?"""
