"""What samples of runs allow to say. Nothing here knows of files, verbs or pictures."""
