// The countries of the world as shapes (Natural Earth, public domain), by their codes of ISO 3166-1 alpha-2.
import { geoEqualEarth, geoPath } from "d3-geo";
import codes from "i18n-iso-countries/codes.json";
import { feature } from "topojson-client";
import world from "world-atlas/countries-110m.json";

export const WIDTH = 960, HEIGHT = 470;

const projection = geoEqualEarth().fitSize([WIDTH, HEIGHT], { type: "Sphere" });
const alpha2 = new Map(codes.map(([two, , number]) => [number, two]));

// Every country that the map has: its code, if it has one, and its outline as the path of a drawing.
export function countries() {
  const outline = geoPath(projection).digits(1);
  return feature(world, world.objects.countries).features.map((one) => ({ code: alpha2.get(one.id), d: outline(one) }));
}

// Where a place of so many degrees north and east stands on the map.
export function place(latitude, longitude) {
  return projection([longitude, latitude]);
}
