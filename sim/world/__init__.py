"""The world that the model lives in: who and what there is, chance, money, the ground, and the levers that policies may
move.
"""
