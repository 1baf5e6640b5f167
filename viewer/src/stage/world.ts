import * as THREE from 'three';
import { RoomEnvironment } from 'three/addons/environments/RoomEnvironment.js';

const HORIZON = '#1b2733';
const ZENITH = '#070b11';

/** The empty world: sky, light with shadows, ground with its grid. z is up. */
export interface World {
  scene: THREE.Scene;
  /** Fits fog, grid and shadows to a flight around `centre` [m] reaching `extent` [m]. */
  fit(centre: THREE.Vector3, extent: number): void;
  showGrid(visible: boolean): void;
  showShadows(visible: boolean): void;
}

export function buildWorld(renderer: THREE.WebGLRenderer): World {
  const scene = new THREE.Scene();
  scene.background = new THREE.Color(HORIZON);
  scene.fog = new THREE.Fog(HORIZON, 20, 90);
  const generator = new THREE.PMREMGenerator(renderer);
  scene.environment = generator.fromScene(new RoomEnvironment(), 0.04).texture;
  scene.environmentIntensity = 0.45;
  const sun = sunlight();
  const ground = buildGround();
  const sky = buildSky();
  scene.add(sky, ground.mesh, sun, sun.target, new THREE.HemisphereLight('#9fc4e8', '#141a20', 0.7));
  return {
    scene,
    fit(centre, extent) {
      const reach = Math.max(extent, 1.5);
      (scene.fog as THREE.Fog).near = reach * 3.5;
      (scene.fog as THREE.Fog).far = reach * 13;
      ground.fit(centre, reach);
      sky.scale.setScalar(reach * 40);
      sky.position.copy(centre);
      fitSun(sun, centre, reach);
    },
    showGrid: (visible) => ground.showGrid(visible),
    showShadows: (visible) => {
      sun.castShadow = visible;
    },
  };
}

function sunlight(): THREE.DirectionalLight {
  const sun = new THREE.DirectionalLight('#fff3df', 2.4);
  sun.castShadow = true;
  sun.shadow.mapSize.set(2048, 2048);
  sun.shadow.radius = 4;
  sun.shadow.bias = -0.0004;
  return sun;
}

function fitSun(sun: THREE.DirectionalLight, centre: THREE.Vector3, reach: number): void {
  sun.target.position.copy(centre);
  sun.position.copy(centre).add(new THREE.Vector3(-0.5, -0.7, 2.2).multiplyScalar(reach));
  const box = sun.shadow.camera;
  box.left = box.bottom = -reach * 1.15;
  box.right = box.top = reach * 1.15;
  box.near = reach * 0.1;
  box.far = reach * 6;
  box.updateProjectionMatrix();
}

/** A dome from horizon to zenith; it follows the flight, so its end is never seen. */
function buildSky(): THREE.Mesh {
  const material = new THREE.ShaderMaterial({
    side: THREE.BackSide,
    depthWrite: false,
    fog: false,
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
  sky.renderOrder = -1;
  return sky;
}

/** The ground: a lit plane with an anti-aliased grid drawn in its shader, fading with distance into the fog. */
function buildGround() {
  const grid = { cell: { value: 1 }, strength: { value: 1 } };
  const material = new THREE.MeshStandardMaterial({ color: '#141b23', roughness: 0.95, metalness: 0 });
  material.envMapIntensity = 0.25;
  material.onBeforeCompile = (shader) => {
    shader.uniforms.gridCell = grid.cell;
    shader.uniforms.gridStrength = grid.strength;
    shader.vertexShader = shader.vertexShader
      .replace('#include <common>', '#include <common>\nvarying vec2 gridPlace;')
      .replace(
        '#include <begin_vertex>',
        '#include <begin_vertex>\ngridPlace = (modelMatrix * vec4(position, 1.0)).xy;',
      );
    shader.fragmentShader = shader.fragmentShader
      .replace('#include <common>', `#include <common>\n${GRID}`)
      .replace('#include <color_fragment>', '#include <color_fragment>\ndiffuseColor.rgb += gridLight();');
  };
  const mesh = new THREE.Mesh(new THREE.PlaneGeometry(1, 1), material);
  mesh.receiveShadow = true;
  return {
    mesh,
    fit(centre: THREE.Vector3, reach: number) {
      mesh.position.set(centre.x, centre.y, 0);
      mesh.scale.setScalar(reach * 60);
      grid.cell.value = 10 ** Math.max(0, Math.floor(Math.log10(reach / 1.5)));
    },
    showGrid(visible: boolean) {
      grid.strength.value = visible ? 1 : 0;
    },
  };
}

/** Lines of one pixel at each cell, thin ones at fifths of it, and the two axes through the origin in colour. */
const GRID = `varying vec2 gridPlace; uniform float gridCell; uniform float gridStrength;
  float gridLines(float cell) {
    vec2 place = gridPlace / cell;
    vec2 width = max(fwidth(place), vec2(1e-5));
    vec2 away = abs(fract(place - 0.5) - 0.5) / width;
    vec2 fade = clamp(1.0 - width * 2.5, 0.0, 1.0);
    vec2 lines = (1.0 - min(away, 1.0)) * fade;
    return max(lines.x, lines.y);
  }
  vec3 gridLight() {
    vec2 width = max(fwidth(gridPlace), vec2(1e-5));
    float east = 1.0 - min(abs(gridPlace.y) / (1.5 * width.y), 1.0);
    float north = 1.0 - min(abs(gridPlace.x) / (1.5 * width.x), 1.0);
    vec3 light = vec3(0.055, 0.075, 0.095) * gridLines(gridCell) + vec3(0.018, 0.025, 0.032) * gridLines(gridCell * 0.2);
    light += vec3(0.16, 0.035, 0.04) * east + vec3(0.03, 0.13, 0.06) * north;
    return light * gridStrength;
  }`;
