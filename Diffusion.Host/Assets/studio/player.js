// Samples as they form: the state x_t beside the prediction of x_0, with a pause and a scrubber over the steps.
import { h, bitmapOf, place, size } from './common.js';

/** A player: { element, begin(count, steps), add(step), steps }. */
export function player() {
  const state = h('canvas', { class: 'samples', role: 'img', 'aria-label': 'States x_t' });
  const estimate = h('canvas', { class: 'samples', role: 'img', 'aria-label': 'Predictions of x_0' });
  const scrubber = h('input', { type: 'range', min: 0, max: 0, value: 0, 'aria-label': 'Step' });
  const moment = h('output');
  const pause = h('button', { type: 'button', disabled: true, onclick: toggle }, 'Pause');
  const element = h('div', {},
    h('div', { class: 'pair' },
      h('figure', {}, h('figcaption', {}, h('b', {}, 'xₜ'), ' the state'), state),
      h('figure', {}, h('figcaption', {}, h('b', {}, 'x̂₀'), ' what the network predicts of it'), estimate)),
    h('div', { class: 'player' }, pause, scrubber, moment));

  // For each step the parts of the batch, as they have come. Of long plans not every step is shown.
  let frames = [];
  let layout = null;
  let count = 0;
  let isPaused = false;
  let replaying = 0;

  function show(index) {
    const frame = frames[index];
    if (!frame || !layout) return;
    for (const [canvas, name] of [[state, 'state'], [estimate, 'estimate']]) {
      const parts = frame.filter(part => part[name]);
      if (!parts.length) continue;
      size(canvas, count, layout);
      for (const part of parts) place(canvas, part[name], part.first, layout);
    }
    scrubber.value = index;
    const text = `${frame[0].time}, ${index} of ${scrubber.max}`;
    moment.textContent = text;
    scrubber.setAttribute('aria-valuetext', text);
  }

  const known = () => Object.keys(frames).map(Number);

  function replay() {
    const steps = known();
    const next = steps.find(step => step > Number(scrubber.value));
    clearTimeout(replaying);
    if (next === undefined) { pause.textContent = 'Play'; return; }
    show(next);
    replaying = setTimeout(replay, 100);
  }

  function toggle() {
    clearTimeout(replaying);
    if (pause.textContent === 'Pause') {
      [isPaused, pause.textContent] = [true, 'Play'];
      return;
    }
    [isPaused, pause.textContent] = [false, 'Pause'];
    if (Number(scrubber.value) >= Number(scrubber.max)) show(0);
    replay();
  }

  scrubber.addEventListener('input', () => {
    clearTimeout(replaying);
    [isPaused, pause.textContent] = [true, 'Play'];
    const wanted = Number(scrubber.value);
    show(known().reduce((best, one) => Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best, known()[0] ?? 0));
  });

  const unpacked = async part => part && { ...part, image: await bitmapOf(part.png) };

  return {
    element,
    get steps() { return known().length; },
    /** Forgets what was before. */
    begin(samples, steps) {
      clearTimeout(replaying);
      [frames, layout, count, isPaused] = [[], null, samples, false];
      [pause.disabled, pause.textContent, scrubber.max] = [false, 'Pause', steps];
    },
    /** Takes an event `step`, and shows it unless it is paused. */
    async add(answer) {
      const own = frames;
      const part = { ...answer, state: await unpacked(answer.state), estimate: await unpacked(answer.estimate) };
      if (own !== frames) return;
      layout ??= { columns: Math.ceil(Math.sqrt(count)), width: part.state.image.width / part.state.columns,
        height: part.state.image.height / Math.ceil(part.state.count / part.state.columns) };
      (frames[answer.index] ??= []).push(part);
      if (!isPaused) show(answer.index);
      if (answer.index === Number(scrubber.max)) pause.textContent = 'Play';
    },
  };
}
