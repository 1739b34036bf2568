/** With every exit forced, and with traces that leave after each iteration. */
import { EXIT_MODES } from '../support/engine.ts';
import { conform } from './conform.ts';

conform(EXIT_MODES);
