import * as THREE from 'three';

const HORIZON = '#22303d';
const ZENITH = '#080c12';
const GROUND = '#11181f';

/** Direction from the ground to the sun; shadows fall the other way. */
export const SUN = new THREE.Vector3(-0.35, -0.55, 1.6).normalize();

/** The empty world: sky, light, ground with its grid. z is up. */
export interface World {
  scene: THREE.Scene;
  /** Fits haze and grid to a flight around `centre` [m] reaching `extent` [m]. */
  fit(centre: THREE.Vector3, extent: number): void;
  showGrid(visible: boolean): void;
  /** From one line of the grid to the next [m], where a flight reaches `extent` [m]. */
  gridCell(extent: number): number;
}

/**
 * Everything large is unlit and drawn by a short shader: without a GPU the browser draws each pixel on the CPU, where
 * a physically shaded ground with shadow maps took a second a frame and this takes a few hundredths.
 */
export function buildWorld(): World {
  const scene = new THREE.Scene();
  const ground = buildGround();
  const sky = buildSky();
  const sun = new THREE.DirectionalLight('#fff1da', 2.6);
  sun.position.copy(SUN);
  const rim = new THREE.DirectionalLight('#7fb4e6', 0.9);
  rim.position.set(0.8, 0.6, 0.25);
  scene.add(sky, ground.mesh, sun, rim, new THREE.HemisphereLight('#b5d3f0', '#4a5a6a', 1.7));
  return {
    scene,
    gridCell: (extent) => cellOf(Math.max(extent, LEAST_REACH)),
    fit(centre, extent) {
      const reach = Math.max(extent, LEAST_REACH);
      ground.fit(centre, reach);
      sky.scale.setScalar(reach * 60);
      sky.position.copy(centre);
    },
    showGrid: (visible) => ground.showGrid(visible),
  };
}

const LEAST_REACH = 0.4;

/** A metre or a power of ten of them, so that a flight that reaches `reach` [m] spans a few. */
function cellOf(reach: number): number {
  return 10 ** Math.max(0, Math.floor(Math.log10(reach / 1.5)));
}

/** A dome from horizon to zenith; it follows the flight, so its end is never seen. */
function buildSky(): THREE.Mesh {
  const material = new THREE.ShaderMaterial({
    side: THREE.BackSide,
    depthWrite: false,
    uniforms: { horizon: { value: new THREE.Color(HORIZON) }, zenith: { value: new THREE.Color(ZENITH) } },
    vertexShader: `varying vec3 direction;
      void main() { direction = position; gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0); }`,
    fragmentShader: `uniform vec3 horizon; uniform vec3 zenith; varying vec3 direction;
      void main() {
        float up = clamp(normalize(direction).z, 0.0, 1.0);
        gl_FragColor = vec4(mix(horizon, zenith, pow(up, 0.55)), 1.0);
        #include <colorspace_fragment>
      }`,
  });
  const sky = new THREE.Mesh(new THREE.SphereGeometry(1, 32, 24), material);
  sky.renderOrder = -2;
  return sky;
}

/** The ground: a plane with an anti-aliased grid, fading into the horizon with distance. */
function buildGround() {
  const uniforms = {
    cell: { value: 1 },
    strength: { value: 1 },
    haze: { value: 10 },
    ground: { value: new THREE.Color(GROUND) },
    horizon: { value: new THREE.Color(HORIZON) },
  };
  const material = new THREE.ShaderMaterial({
    uniforms,
    depthWrite: false, // drawn first, so that shadows lie on it without flicker
    vertexShader: `varying vec2 place; varying float away;
      void main() {
        vec4 world = modelMatrix * vec4(position, 1.0);
        vec4 view = viewMatrix * world;
        place = world.xy;
        away = length(view.xyz);
        gl_Position = projectionMatrix * view;
      }`,
    fragmentShader: GROUND_SHADER,
  });
  // Cut into squares: the distance is interpolated over each of them.
  const mesh = new THREE.Mesh(new THREE.PlaneGeometry(1, 1, 64, 64), material);
  mesh.renderOrder = -1;
  return {
    mesh,
    fit(centre: THREE.Vector3, reach: number) {
      mesh.position.set(centre.x, centre.y, 0);
      mesh.scale.setScalar(reach * 80);
      uniforms.haze.value = reach * 7 + 2 * Math.max(centre.z, 0);
      uniforms.cell.value = cellOf(reach);
    },
    showGrid(visible: boolean) {
      uniforms.strength.value = visible ? 1 : 0;
    },
  };
}

/** Lines of one pixel at each cell, thin ones at fifths of it, and the two axes through the origin in colour. */
const GROUND_SHADER = `varying vec2 place; varying float away;
  uniform float cell; uniform float strength; uniform float haze; uniform vec3 ground; uniform vec3 horizon;
  float lines(vec2 at, vec2 width) {
    vec2 gap = abs(fract(at - 0.5) - 0.5) / width;
    vec2 line = (1.0 - min(gap, 1.0)) * clamp(1.0 - width * 2.5, 0.0, 1.0);
    return max(line.x, line.y);
  }
  void main() {
    vec2 width = max(fwidth(place), vec2(1e-6));
    float coarse = lines(place / cell, width / cell);
    float fine = lines(place * 5.0 / cell, width * 5.0 / cell);
    float east = 1.0 - min(abs(place.y) / (1.4 * width.y), 1.0);
    float north = 1.0 - min(abs(place.x) / (1.4 * width.x), 1.0);
    vec3 light = vec3(0.05, 0.074, 0.095) * coarse + vec3(0.012, 0.018, 0.024) * fine;
    light += vec3(0.16, 0.025, 0.03) * east + vec3(0.015, 0.1, 0.04) * north;
    float far = 1.0 - exp(-pow(away / haze, 2.0));
    gl_FragColor = vec4(mix(ground + light * strength, horizon, far * 0.96), 1.0);
    #include <colorspace_fragment>
  }`;
