// The page Runs.
import { find } from './common.js';

find('#content').dataset.ready = '';
