import type { Catalogue } from '../../src/episode/catalogue.ts';
import { type AirframeShape, airframeShape, GENERIC_QUAD } from './stage/airframe-shape.ts';

/** What can be opened; nothing where the page is served without `windhover watch`. */
export async function fetchCatalogue(): Promise<Catalogue> {
  try {
    const answer = await fetch('./api/items');
    if (answer.ok) return await answer.json();
  } catch {
    // Served as plain files, or the server has gone: files can still be dropped onto the page.
  }
  return { groups: [] };
}

/** The bytes of a recording; throws an error with a sentence for the page. */
export async function fetchRecording(url: string, name: string): Promise<Uint8Array> {
  const answer = await fetch(url).catch(() => null);
  if (!answer) throw new Error(`${name}: the server does not answer; is \`windhover watch\` still running?`);
  if (!answer.ok) throw new Error(`${name}: ${(await answer.text()).trim() || `the server answered ${answer.status}`}`);
  return new Uint8Array(await answer.arrayBuffer());
}

const shapes = new Map<string, Promise<AirframeShape>>();

/** The shape of a vehicle by name; the generic quad where the name is unknown. */
export function fetchShape(vehicle: string | undefined): Promise<AirframeShape> {
  if (!vehicle) return Promise.resolve(GENERIC_QUAD);
  let shape = shapes.get(vehicle);
  if (!shape) shapes.set(vehicle, (shape = loadShape(vehicle)));
  return shape;
}

async function loadShape(vehicle: string): Promise<AirframeShape> {
  const answer = await fetch(`./api/vehicle/${encodeURIComponent(vehicle)}`).catch(() => null);
  return answer?.ok ? airframeShape(await answer.json(), vehicle) : GENERIC_QUAD;
}
