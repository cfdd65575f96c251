import { padFunction } from './pad.js';

export const lpad = padFunction('LPAD', 'left', 'The input filled up at its start, or cut, to the given length.');
