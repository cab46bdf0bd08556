// The page of one run: where it is, and the rest of the page anew whenever that shows something else.
import { ask, events, find, h, short, status } from './common.js';

const live = find('#live');
const run = live.dataset.run;
const said = status();
const bar = h('progress', { 'aria-label': 'Progress of the run' });
const figures = h('dl', { class: 'figures' });
const stop = h('button', { type: 'button', hidden: true, onclick: () => act('/runs/stop', { run }) }, 'Stop and save');
const resume = h('button', { type: 'button', onclick: () => act('/runs/resume', more()) }, 'Resume');
const all = h('input', { type: 'number', min: 1, step: 1, 'aria-label': 'Steps in all' });
const longer = h('span', { class: 'row', hidden: true }, h('label', {}, 'Steps in all ', all), resume);
const draw = h('a', { class: 'button', href: `/sample?model=${encodeURIComponent(run)}`, hidden: true }, 'Draw samples');
live.append(said, bar, figures, h('div', { class: 'row actions' }, stop, longer, draw));

const more = () => all.value ? { run, steps: Number(all.value) } : { run };

async function act(path, body) {
  try {
    await ask(path, body);
    if (path === '/runs/stop') said.say('stopping after this step; a checkpoint is saved');
    else follow();
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

const time = seconds => seconds === null || seconds === undefined ? ''
  : seconds < 90 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;

function show(at) {
  if (at.state === 'failed') said.fail(at.line ?? 'the run did not begin');
  else said.say(at.state === 'running' && at.of ? `running, step ${at.step} of ${at.of}` : at.state);
  find('header h1')?.setAttribute('data-state', at.state);
  [bar.max, bar.value] = [at.of ?? 1, at.step];
  const goesOn = at.state === 'running' || at.state === 'starting';
  // At its end the page below says all of it.
  const rows = !goesOn ? [] : [['loss', short(at.loss)], ['learning rate', short(at.learningRate)], ['gradient norm', short(at.gradientNorm)],
    ['images/s', short(at.imagesPerSecond)], [at.measure ?? 'distance', short(at.distance)],
    ['time', time(at.seconds)], ['left at this pace', time(at.remaining)]];
  figures.replaceChildren(...rows.filter(([, value]) => value !== '')
    .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));
  stop.hidden = !(goesOn && at.isOwn);
  longer.hidden = goesOn || !['stopped', 'finished', 'diverged'].includes(at.state);
  all.placeholder = at.of ?? '';
  draw.hidden = !at.measure && goesOn;
}

let shown = null;
let fetching = false;

// The parts that the server writes: curves, samples, tables.
async function refresh(version) {
  if (version === shown || fetching) return;
  fetching = true;
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    const [before, after] = [find('#run'), find('#run', page)];
    const open = [...before.querySelectorAll('details')].map(one => one.open);
    after.querySelectorAll('details').forEach((one, index) => { one.open = open[index]; });
    before.replaceWith(after);
    shown = version;
  } finally {
    setTimeout(() => { fetching = false; }, 2000);
  }
}

async function follow() {
  try {
    let last = null;
    for await (const [, at] of events(`/runs/events?run=${encodeURIComponent(run)}`)) {
      shown ??= at.version;
      show(last = at);
      refresh(at.version).catch(() => {});
    }
    fetching = false;
    if (last) await refresh(last.version);
    live.dataset.over = '';
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

follow();
