"""Writes the small parquet files that the test of sources reads, by pyarrow (pip install pyarrow).

python server/collections/sources/test-parquet/make.py
"""

import base64
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
# Two dots, drawn for this: a red and a blue PNG of 1 x 1.
RED = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")
BLUE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYPgPAAEDAQAIicLsAAAAAElFTkSuQmCC")

rows = {
    "image_id": pa.array([7, 8, 9], pa.int64()),
    "file_name": ["a.png", "b/c.png", "gone.png"],
    "captions": [["a red dot", "red"], ["a blue dot"], None],
}
for codec in ["snappy", "zstd", "gzip", "brotli", "lz4"]:
    pq.write_table(pa.table(rows), HERE / f"paths-{codec}.parquet", compression=codec, row_group_size=2)

# As the datasets library writes pictures: {bytes, path}, in small row groups.
picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
pictures = pa.array(
    [{"bytes": RED, "path": "red.png"}, {"bytes": BLUE, "path": "blue.png"}, {"bytes": None, "path": "none.png"}],
    picture,
)
table = pa.table({"photo": pictures, "text": ["a red dot", "a blue dot", ""]})
pq.write_table(table, HERE / "pictures.parquet", row_group_size=2)
# Of files that lie beside it: the datasets library leaves the bytes out.
beside = pa.array([{"bytes": None, "path": "a.png"}, {"bytes": None, "path": "b/c.png"}], picture)
pq.write_table(pa.table({"image": beside}), HERE / "beside.parquet")
# Without paths that tell them apart, and bytes alone.
same = pa.array([{"bytes": RED, "path": None}, {"bytes": BLUE, "path": None}], picture)
pq.write_table(pa.table({"image": same}), HERE / "nameless.parquet")
pq.write_table(pa.table({"jpg": pa.array([RED, BLUE], pa.binary())}), HERE / "bytes.parquet")
