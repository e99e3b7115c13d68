"""What a person may ask of what is held on them: who looked, consent, correction, a copy."""
