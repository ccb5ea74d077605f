/** Copies of many elements at once, between the memory of a tensor and Java arrays. Not exported. */
package normkit.bulk;
