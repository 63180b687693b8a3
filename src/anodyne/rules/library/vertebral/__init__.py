"""Vertebrae: augmentation of fractures and ablation of the basivertebral nerve."""
