"""The long proofs beside the storm: one question each, at full size, over real processes.

``python -m tests.storm.proofs NAME``. They use the storm's ground, processes, carrier and
verdict, in a folder of their own below it, so that a storm may rage meanwhile.
"""
