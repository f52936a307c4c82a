"""Does the second pass say what the engine's replay says, alert for alert?"""
