import { describeDirection } from '../support/strategyTable.js';

describeDirection('session');
