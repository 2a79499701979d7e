"""What is left to chance can be had again: FERRY_SEED is printed, and may be set."""
import os
import random


def seed():
    drawn = int(os.environ.get("FERRY_SEED") or random.randrange(1 << 30))
    print(f"mcu: FERRY_SEED={drawn}", flush=True)
    return drawn


def dice():
    return random.Random(seed())


def how_many(variable, otherwise):
    return int(os.environ.get(variable) or otherwise)
