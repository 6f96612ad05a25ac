"""The mean of the weights of several checkpoints of one decoder (model soup, arXiv 2203.05482):
`OUT=clipcap-soup python soup.py clipcap clipcap-xe clipcap-xe-2`."""
import os, sys
from common import load, save

if __name__ == '__main__':
    runs = [load(name) for name in sys.argv[1:]]; key = 'coca' if 'coca' in runs[0] else 'net'
    mean = {k: sum(r[key][k] for r in runs) / len(runs) for k in runs[0][key]}
    variance = next((r['variance'] for r in runs if 'variance' in r), None)
    save(os.environ['OUT'], {key: mean, 'soup': sys.argv[1:], **({} if variance is None else {'variance': variance})})
