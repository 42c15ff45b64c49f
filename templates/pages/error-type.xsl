<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:import href="../layout.xsl"/>
<xsl:template match="page" mode="title"><xsl:value-of select="error-type/error/@heading"/> – Strongroom</xsl:template>

<xsl:template match="page" mode="content">
<nav aria-label="Breadcrumb" class="breadcrumb"><a href="/errors">Error catalogue</a></nav>
<xsl:apply-templates select="error-type/error"/>
</xsl:template>

<xsl:template match="error">
<h1><xsl:value-of select="@heading"/></h1>
<p class="fine"><code id="error-type"><xsl:value-of select="@type"/></code>, HTTP status <xsl:value-of select="@status"/>, exit code <xsl:value-of select="@exit-code"/></p>
<h2>What happened</h2>
<p id="error-detail"><xsl:value-of select="@detail"/></p>
<h2>What to do</h2>
<p id="error-recovery"><xsl:value-of select="@remedy"/></p>
</xsl:template>
</xsl:stylesheet>
