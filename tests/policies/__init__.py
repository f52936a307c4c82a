"""Do the policies that ship do what they should?"""
