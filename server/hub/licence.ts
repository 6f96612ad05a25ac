import { repositoryPage } from './address';
import { type HubSettings, request } from './request';
import { throwIfAborted } from '../../models/errors';

/**
 * The licence that the hub's page of a repository states: its tag (`mit`), or null where it has none. Told beside what
 * the catalog knows, so a hub that does not answer (mirrors often have files alone) is no failure: undefined.
 * @throws cancelled
 */
export async function licenceOnHub(
  repository: string,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<string | null | undefined> {
  try {
    const { response } = await request(
      new URL(repositoryPage(settings.endpoint, `api/models/${repository}`)),
      { method: 'GET', signal, follow: 'same-origin' },
      settings,
    );
    if (response.status !== 200) {
      await response.body?.cancel();
      return undefined;
    }
    return licenceOf(await response.json());
  } catch {
    throwIfAborted(signal);
    return undefined;
  }
}

/** From the hub's card of a repository: `cardData.license`, or the tag `license:…`. */
function licenceOf(card: unknown): string | null | undefined {
  if (typeof card !== 'object' || card === null || !('tags' in card) || !Array.isArray(card.tags)) return undefined;
  const tag = card.tags.find((one): one is string => typeof one === 'string' && one.startsWith('license:'));
  const licence = tag?.slice('license:'.length).trim();
  return licence && licence !== 'unknown' ? licence : null;
}
