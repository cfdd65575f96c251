import { padFunction } from './pad.js';

export const rpad = padFunction('RPAD', 'right', 'The input filled up at its end, or cut, to the given length.');
