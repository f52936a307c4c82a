"""What would every one of many variants of a policy have done, and which of them does no other beat?"""
