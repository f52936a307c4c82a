"""Do the workers survive what happens to machines, brokers and people?"""
