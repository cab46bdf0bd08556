// The page Runs: a form that begins a run, above the list that the server writes.
import { ask, code, debounced, field, find, h, select, status } from './common.js';
import { editor } from './recipe.js';

const main = find('#content');
const said = status();
const [recipes, schema] = await Promise.all([ask('/recipes'), ask('/recipes/schema')]);

const stamp = () => new Date().toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-');
const recipe = select('Recipe', recipes.map(one => [one.name, `${one.name}: ${one.summary}`]), undefined, 'mnist');
const preset = select('Size', [['quick', 'quick: minutes on a CPU'], ['paper', 'paper: the published settings']]);
const name = h('input', { required: true, pattern: '[A-Za-z0-9_][A-Za-z0-9._\\-]*', maxlength: 64, autocomplete: 'off' });
const steps = h('input', { type: 'number', min: 1, step: 1 });
const download = h('input', { type: 'checkbox' });
const settings = h('div');
const line = code('The same on the command line');
const begin = h('button', { class: 'primary' }, 'Begin the run');
const form = h('form', { id: 'begin', onsubmit: event => { event.preventDefault(); start(); } },
  recipe, preset, field('Name of the run', name, 'a folder below the folder of runs'),
  field('Steps', steps, 'empty: as many as the recipe says'),
  h('label', { class: 'row' }, download, 'Download the whole data set where it is not here (else images inside the program will do)'),
  h('details', {}, h('summary', {}, 'All settings'), settings), said, line, begin);
const section = h('details', { class: 'begin', open: find('form#list') === null }, h('summary', {}, 'Begin a run'), form);
find('#list').before(section);

let edited = null;

async function load() {
  const one = await ask(`/recipes/recipe?name=${encodeURIComponent(recipe.value)}&preset=${preset.value}`);
  steps.placeholder = one.length.steps;
  name.value = `${recipe.value}-${stamp()}`;
  edited = editor(schema, one);
  settings.replaceChildren(edited.element);
  await check();
}

const question = () => ({
  recipe: recipe.value, preset: preset.value, name: name.value, download: download.checked,
  ...steps.value ? { steps: Number(steps.value) } : {}, changes: edited.changes(),
});

async function check() {
  try {
    const answer = await ask('/runs/check', question());
    edited.mark(answer.error);
    if (answer.error) said.fail(answer.error);
    else said.say(edited.changes().length ? `${edited.changes().length} settings changed` : '');
    line.text = answer.commandLine ?? '';
    begin.disabled = Boolean(answer.error);
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

async function start() {
  try {
    const answer = await ask('/runs', question());
    location.href = `/runs/${encodeURIComponent(answer.run)}`;
  } catch (trouble) {
    said.fail(trouble.message);
  }
}

for (const one of [recipe, preset]) one.addEventListener('change', event => { event.stopPropagation(); load(); });
form.addEventListener('input', debounced(check, 300));
await load();
main.dataset.ready = '';
