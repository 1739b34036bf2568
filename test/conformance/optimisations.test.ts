/** With each optimisation off. */
import { WITHOUT_OPTIMISATIONS } from '../support/engine.ts';
import { conform } from './conform.ts';

conform(WITHOUT_OPTIMISATIONS);
