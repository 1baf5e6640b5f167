import type { CatalogueItem } from '../../src/episode/catalogue.ts';
import { fetchShape } from './api.ts';
import { listenToDrops } from './drop.ts';
import { listenToKeys } from './keyboard.ts';
import { Library, type OpenItem } from './library.ts';
import { readLink, writeLink } from './link.ts';
import { Growth } from './live/growth.ts';
import { LiveFlights } from './live/live-flights.ts';
import { LiveGuide } from './live/live-guide.ts';
import { LiveRecording } from './live/live-recording.ts';
import { CameraBar } from './panels/camera-bar.ts';
import { byId } from './panels/dom.ts';
import { Legend } from './panels/legend.ts';
import { liveWords, waitingWords } from './panels/live-line.ts';
import { Notice } from './panels/notice.ts';
import { PlotColumn } from './panels/plots.ts';
import { buildSettings } from './panels/settings.ts';
import { Sidebar } from './panels/sidebar.ts';
import { StatusPanel } from './panels/status.ts';
import { Transport } from './panels/transport.ts';
import { Playback } from './playback.ts';
import type { Recording } from './recording.ts';
import type { AirframeShape } from './stage/airframe-shape.ts';
import { CAMERA_MODES, type CameraMode } from './stage/cameras.ts';
import { Stage } from './stage/stage.ts';

/** A flight under way shows its last minute in the plots as long as its end is followed. */
const LIVE_PLOT_SECONDS = 60;

const LABELS = { solo: '', before: 'before', after: 'after' } as const;

/** The whole page: one open item, one time cursor, and the panels that show both. */
export class App {
  private readonly root = byId('app');
  private readonly live = new LiveFlights();
  private readonly library = new Library(this.live);
  private readonly playback = new Playback();
  private readonly notice = new Notice();
  private readonly status = new StatusPanel();
  private readonly legend = new Legend();
  private readonly transport = new Transport(this.playback, () => this.guide.goLive());
  private readonly stage = new Stage(byId<HTMLCanvasElement>('world'));
  private readonly plots = new PlotColumn((t) => this.playback.seek(t));
  private readonly cameras = new CameraBar((mode) => this.setCamera(mode));
  private readonly sidebar: Sidebar;
  private readonly settings = buildSettings(this.stage, () => this.showLegend());
  private readonly guide: LiveGuide;
  private readonly growth: Growth;
  private open: OpenItem | null = null;
  private shapes: AirframeShape[] = [];
  /** Which items from hubs the list shows, and how they stand. */
  private listed = '';
  private opening = 0;
  private lastFrame = performance.now();
  /** How long the rotors turn in this frame; a seek turns none. */
  private frameSeconds = 0;
  private addressTimer = 0;

  constructor() {
    const onFiles = (files: File[]) => void this.openFiles(files);
    this.sidebar = new Sidebar((item) => void this.openItem(item), onFiles);
    listenToDrops(onFiles);
    listenToKeys(this.playback, {
      nextCamera: () => this.setCamera(CAMERA_MODES[(CAMERA_MODES.indexOf(this.camera) + 1) % CAMERA_MODES.length]),
      followCamera: () => this.setCamera(this.camera === 'follow' ? 'orbit' : 'follow'),
      openFile: () => this.sidebar.openDialog(),
      step: (items) => this.stepItem(items),
      goLive: () => this.guide.goLive(),
    });
    this.guide = new LiveGuide(this.live, this.playback, {
      openId: () => this.open?.item.id ?? null,
      open: (id) => this.openById(id),
    });
    this.growth = new Growth({
      rebuild: () => this.cast(),
      extend: () => this.playback.extend(this.duration),
      stage: () => this.growStage(),
      plots: () => this.plots.grow(...this.plotted),
    });
    this.playback.onChange = () => this.showTime();
    this.transport.update();
  }

  private get camera(): CameraMode {
    return this.stage.cameras.mode;
  }

  /** Opens what the address asks for, else the first item there is. */
  async start(): Promise<void> {
    const link = readLink(location.search);
    await this.library.refresh();
    this.setCamera(link.camera);
    requestAnimationFrame((now) => this.frame(now));
    const wanted = this.library.find(link.item);
    const item = wanted ?? this.library.find(this.live.newest?.id ?? null) ?? this.library.items[0];
    if (item) await this.openItem(item, wanted || !link.item ? link.time : 0);
    else this.showNothing();
    this.live.onState = () => this.showLive();
    this.showLive();
    if (link.item && !wanted) this.notice.error(`There is no item “${link.item}” here; it may have been moved.`);
  }

  /** A run without episodes still has its learning curve. */
  private showNothing(): void {
    const { groups } = this.library.catalogue;
    this.plots.show([], 0, groups.find(({ curve }) => curve)?.curve);
    this.showList('empty');
  }

  private async openFiles(files: readonly File[]): Promise<void> {
    let first: CatalogueItem | null = null;
    for (const file of files) {
      try {
        first ??= this.library.addFile(file.name, new Uint8Array(await file.arrayBuffer()));
      } catch (error) {
        this.fail(error);
        return;
      }
    }
    if (first) await this.openItem(first);
  }

  private async openItem(item: CatalogueItem, time = 0): Promise<void> {
    const turn = ++this.opening;
    this.root.dataset.state = 'loading';
    try {
      const open = await this.library.open(item);
      const shapes = await Promise.all(open.loaded.map(({ recording }) => fetchShape(recording.vehicle)));
      if (turn !== this.opening) return; // the user has picked another one meanwhile
      this.open = open;
      this.shapes = shapes;
      this.notice.clear();
      this.stage.options.trailColour = open.loaded.length > 1 ? 'plain' : 'error';
      this.cast();
      this.present(time);
    } catch (error) {
      if (turn === this.opening) this.fail(error);
    }
  }

  /** Puts the open recordings on the stage and into the plots. */
  private cast(): void {
    const { group, loaded } = this.open as OpenItem;
    const cast = loaded.map(({ recording, role }, index) => ({
      recording,
      shape: this.shapes[index],
      ghost: role === 'before',
      label: LABELS[role],
    }));
    this.stage.setCast(cast);
    this.plots.show(cast, this.duration, group.curve);
  }

  private get duration(): number {
    return Math.max(...(this.open as OpenItem).loaded.map(({ recording }) => recording.durationSeconds));
  }

  /** Fills the panels for the item just opened. */
  private present(time: number): void {
    const { item, loaded } = this.open as OpenItem;
    const { lead, duration } = this;
    const growing = this.live.find(item.id)?.state === 'live';
    this.status.setTitle(item.title);
    document.title = `${item.title} · Windhover`;
    this.growth.follow(this.growing);
    this.playback.load(duration, growing && time === 0 ? duration : time, growing);
    this.transport.setEvents(lead.events);
    this.stage.frameCast();
    for (const controller of this.settings.controllers) controller.updateDisplay();
    if (!item.live) this.warnOf(loaded.map(({ recording }) => recording));
    this.showLegend();
    this.showList('ready');
    this.showLive();
  }

  private warnOf(recordings: readonly Recording[]): void {
    const cut = recordings.find(({ truncated }) => truncated);
    if (cut) this.notice.warn(`${cut.name} ends in the middle: shown as far as it goes.`);
    if (!this.lead.topics.pose) this.notice.warn(`${this.lead.name} holds no position: only its plots are shown.`);
  }

  private fail(error: unknown): void {
    this.notice.error(error instanceof Error ? error.message : String(error));
    this.showList(this.open ? 'ready' : 'empty');
  }

  private showList(state: 'ready' | 'empty'): void {
    this.sidebar.show(this.library.catalogue, this.open?.item.id ?? null);
    this.root.dataset.state = state;
    this.root.dataset.item = this.open?.item.id ?? '';
  }

  private get lead(): Recording {
    const { loaded } = this.open as OpenItem;
    return (loaded.find(({ role }) => role !== 'before') ?? loaded[0]).recording;
  }

  private get ghost(): Recording | null {
    const { loaded } = this.open as OpenItem;
    return loaded.length > 1 ? (loaded.find(({ role }) => role === 'before')?.recording ?? null) : null;
  }

  private openById(id: string): void {
    const item = this.library.find(id);
    if (item) void this.openItem(item, Number.POSITIVE_INFINITY);
  }

  /** The open recording, where it came from a hub. */
  private get growing(): LiveRecording | null {
    return this.open && this.lead instanceof LiveRecording ? this.lead : null;
  }

  /** The times [s] from which and to which a flight from a hub is plotted. */
  private get plotted(): [number, number] {
    const { duration } = this;
    return [this.playback.following ? Math.max(0, duration - LIVE_PLOT_SECONDS) : 0, duration];
  }

  private growStage(): void {
    const { errorScale, drawnScale, gridCell } = this.stage;
    this.stage.grow();
    this.stage.update(this.playback.time, 0);
    const same = errorScale === this.stage.errorScale && gridCell === this.stage.gridCell;
    if (!same || drawnScale !== this.stage.drawnScale) this.showLegend();
  }

  /** Shows how hubs and their flights stand. */
  private showLive(): void {
    const { hubs, served, newest } = this.live;
    if (hubs.length === 0 && served) return; // the page is not about hubs
    this.transport.offerLive(newest !== undefined);
    this.listLive();
    const id = this.open?.item.id;
    const hub = hubs.find(({ flights }) => flights.some((flight) => flight.id === id));
    const flight = this.live.find(id);
    this.status.setLive(flight && hub ? liveWords(flight, hub, served) : null);
    if (!this.open) this.sayWaiting();
    this.guide.settle(this.growing);
    this.guide.update();
  }

  private sayWaiting(): void {
    const { title, text } = waitingWords(this.live.hubs, this.live.served);
    byId('what').textContent = title;
    byId('how').textContent = text;
  }

  /** Builds the list anew only where that has changed which can be picked. */
  private listLive(): void {
    const items = this.library.items.filter(({ live }) => live);
    const details = this.live.groups.map(({ detail }) => detail);
    const listed = JSON.stringify([items.map(({ id, live }) => [id, live]), details]);
    if (listed !== this.listed) this.sidebar.refresh(this.library.catalogue, this.open?.item.id ?? null);
    else for (const item of items) this.sidebar.setFacts(item);
    this.listed = listed;
  }

  private stepItem(by: -1 | 1): void {
    const { items } = this.library;
    const next = items[items.findIndex(({ id }) => id === this.open?.item.id) + by];
    if (next) void this.openItem(next);
  }

  private setCamera(mode: CameraMode): void {
    this.stage.setCamera(mode);
    this.cameras.show(mode);
    this.root.dataset.camera = mode;
    this.keepAddress();
  }

  private showLegend(): void {
    if (this.open) this.legend.show(this.open.loaded.length > 1, this.stage);
  }

  /** Brings every panel to the time cursor. */
  private showTime(): void {
    const { time, playing, growing, following } = this.playback;
    this.transport.update();
    this.root.dataset.time = time.toFixed(4);
    this.root.dataset.playing = String(playing);
    const live = growing ? (following ? 'following' : 'behind') : '';
    if (live !== this.root.dataset.live) this.growth.wantPlots(); // of the last minute, or of the whole flight
    this.root.dataset.live = live;
    if (!this.open) return;
    this.stage.update(time, this.frameSeconds);
    this.plots.update(time);
    const { errorMetres } = this.status.update(time, this.lead, this.ghost);
    this.root.dataset.error = Number.isFinite(errorMetres) ? errorMetres.toFixed(6) : '';
    if (!playing && !following) this.keepAddress();
  }

  /** Writes the address once things are quiet: browsers refuse more than some 100 changes in ten seconds. */
  private keepAddress(): void {
    clearTimeout(this.addressTimer);
    this.addressTimer = window.setTimeout(() => {
      const time = this.playback.following ? 0 : this.playback.time;
      if (this.open) writeLink({ item: this.open.item.id, time, camera: this.camera });
    }, 150);
  }

  private frame(now: number): void {
    // A tab in the background gets no frames: the first one after it must not leap ahead.
    const seconds = Math.min((now - this.lastFrame) / 1000, 0.25);
    this.lastFrame = now;
    this.frameSeconds = seconds;
    this.playback.tick(seconds);
    this.growth.tick(now);
    this.guide.settle(this.growing);
    this.frameSeconds = 0;
    this.stage.render();
    requestAnimationFrame((next) => this.frame(next));
  }
}
