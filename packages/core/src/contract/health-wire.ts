import Type from 'typebox';
import { wireObject } from './wire.ts';

export const healthWire = wireObject({ status: Type.Literal('ok') }, { title: 'Health' });
