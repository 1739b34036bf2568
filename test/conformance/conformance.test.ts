/** Interpreted, compiled at the usual thresholds, compiled at once. */
import { USUAL_MODES } from '../support/engine.ts';
import { conform } from './conform.ts';

conform(USUAL_MODES);
